// Answers the event: a WASI command reads it from standard input and writes its answer to standard output.

#include <unistd.h>

int main(void) {
    char buffer[64 * 1024];
    ssize_t count;
    while ((count = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(STDOUT_FILENO, buffer + done, count - done);
            if (written < 0)
                return 1;
            done += written;
        }
    }
    return count < 0;
}
