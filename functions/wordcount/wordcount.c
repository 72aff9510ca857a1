// Counts the lines, words and characters of a text.
//
// A WASI command: the event {"text": "…"} on standard input, {"lines":…,"words":…,"characters":…} on standard output,
// and on a bad event a message on standard error and exit code 1.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How deep arrays and objects may lie in each other.
enum { MAX_DEPTH = 64 };

// What is left of the event.
static const char *cursor;
static const char *end;

static _Noreturn void fail(const char *message) {
    fprintf(stderr, "wordcount: %s\n", message);
    exit(1);
}

static char *read_all(FILE *stream, size_t *length) {
    size_t capacity = 64 * 1024;
    char *buffer = malloc(capacity);
    *length = 0;
    while (buffer) {
        *length += fread(buffer + *length, 1, capacity - *length, stream);
        if (*length < capacity) {
            if (ferror(stream))
                fail("cannot read the event");
            return buffer;
        }
        capacity *= 2;
        buffer = realloc(buffer, capacity);
    }
    fail("the event is too large for the memory");
}

// --- Just enough JSON ---

static int peek(void) {
    return cursor < end ? (unsigned char)*cursor : -1;
}

static void skip_space(void) {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
        cursor++;
}

// The next character that is not white space; stays in front of it.
static int next_token(void) {
    skip_space();
    return peek();
}

static void expect(char character) {
    if (next_token() != character)
        fail("the event is not JSON");
    cursor++;
}

static unsigned read_hex4(void) {
    unsigned value = 0;
    for (int digit = 0; digit < 4; digit++) {
        int character = peek();
        if (character >= '0' && character <= '9')
            value = value * 16 + (character - '0');
        else if ((character | 32) >= 'a' && (character | 32) <= 'f')
            value = value * 16 + ((character | 32) - 'a' + 10);
        else
            fail("the event is not JSON: a bad \\u escape");
        cursor++;
    }
    return value;
}

static char *put_utf8(char *out, unsigned code) {
    if (code < 0x80) {
        *out++ = code;
    } else if (code < 0x800) {
        *out++ = 0xc0 | code >> 6;
        *out++ = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
        *out++ = 0xe0 | code >> 12;
        *out++ = 0x80 | (code >> 6 & 0x3f);
        *out++ = 0x80 | (code & 0x3f);
    } else {
        *out++ = 0xf0 | code >> 18;
        *out++ = 0x80 | (code >> 12 & 0x3f);
        *out++ = 0x80 | (code >> 6 & 0x3f);
        *out++ = 0x80 | (code & 0x3f);
    }
    return out;
}

static unsigned read_unicode_escape(void) {
    unsigned code = read_hex4();
    if (code >= 0xd800 && code < 0xdc00 && end - cursor >= 6 && cursor[0] == '\\' && cursor[1] == 'u') {
        const char *here = cursor;
        cursor += 2;
        unsigned low = read_hex4();
        if (low >= 0xdc00 && low < 0xe000)
            return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        cursor = here;
    }
    // Half of a pair alone is no character.
    return code >= 0xd800 && code < 0xe000 ? 0xfffd : code;
}

// Reads a string into `out`, which may be the place it is read from: no escape is shorter than what it stands for.
static size_t read_string(char *out) {
    char *start = out;
    expect('"');
    for (;;) {
        int character = peek();
        if (character < 0x20)
            fail("the event is not JSON: a string does not end");
        cursor++;
        if (character == '"')
            return out - start;
        if (character != '\\') {
            *out++ = character;
            continue;
        }
        character = peek();
        cursor++;
        switch (character) {
        case '"': case '\\': case '/': *out++ = character; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': out = put_utf8(out, read_unicode_escape()); break;
        default: fail("the event is not JSON: an unknown escape");
        }
    }
}

static void skip_value(int depth) {
    int token = next_token();
    if (depth > MAX_DEPTH)
        fail("the event is too deep");
    if (token == '"') {
        read_string((char *)cursor);
    } else if (token == '{' || token == '[') {
        char close = token == '{' ? '}' : ']';
        cursor++;
        if (next_token() == close) {
            cursor++;
            return;
        }
        for (;;) {
            if (token == '{') {
                next_token();
                read_string((char *)cursor);
                expect(':');
            }
            skip_value(depth + 1);
            if (next_token() == close) {
                cursor++;
                return;
            }
            expect(',');
        }
    } else {
        // A number, true, false or null.
        const char *start = cursor;
        while (peek() > ' ' && !strchr(",]}:\"[{", peek()))
            cursor++;
        if (cursor == start)
            fail("the event is not JSON");
    }
}

// Finds the text of the event; its length is `*length`.
static char *read_text(size_t *length) {
    char *text = NULL;
    if (next_token() != '{')
        fail("the event is not an object");
    cursor++;
    if (next_token() == '}')
        fail("the event has no `text`");
    for (;;) {
        next_token();
        char *key = (char *)cursor;
        size_t key_length = read_string(key);
        expect(':');
        if (key_length == 4 && memcmp(key, "text", 4) == 0) {
            if (next_token() != '"')
                fail("`text` is not a string");
            text = (char *)cursor;
            *length = read_string(text);
        } else {
            skip_value(0);
        }
        if (next_token() == '}')
            break;
        expect(',');
    }
    cursor++;
    if (next_token() != -1)
        fail("the event is not JSON: something follows it");
    if (!text)
        fail("the event has no `text`");
    return text;
}

// --- Counting ---

int main(void) {
    size_t event_length, length;
    char *event = read_all(stdin, &event_length);
    cursor = event;
    end = event + event_length;
    char *text = read_text(&length);

    unsigned long lines = 0, words = 0, characters = 0;
    bool in_word = false;
    for (size_t index = 0; index < length; index++) {
        unsigned char byte = text[index];
        // The other bytes of a character in UTF-8 look like 10xxxxxx.
        characters += (byte & 0xc0) != 0x80;
        lines += byte == '\n';
        bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        words += !in_word && !space;
        in_word = !space;
    }
    // A last line without a newline is a line too.
    lines += length > 0 && text[length - 1] != '\n';

    printf("{\"lines\":%lu,\"words\":%lu,\"characters\":%lu}\n", lines, words, characters);
    return fflush(stdout) != 0;
}
