// Greets: a WASI command reads the event from standard input and writes its answer, JSON, to standard output.
// What goes to standard error is its log, and an exit code other than 0 is an error.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    static char event[6 * 1024 * 1024 + 1];
    size_t length = fread(event, 1, sizeof event - 1, stdin);
    if (ferror(stdin)) {
        perror("cannot read the event");
        return 1;
    }
    while (length > 0 && strchr(" \t\r\n", event[length - 1]))
        length--;

    const char *function = getenv("AWS_LAMBDA_FUNCTION_NAME");
    fprintf(stderr, "%s has an event of %zu bytes\n", function ? function : "the function", length);

    // The event is JSON already, and so it may stand in the answer as it is.
    printf("{\"message\":\"Hello from C!\",\"event\":%.*s}\n", (int)length, event);
    return 0;
}
