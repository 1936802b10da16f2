/* hold FILE: opens a file so that nobody else can, says so, and keeps it until its input ends. */
#include <stdio.h>
#include <windows.h>
int wmain(int count, wchar_t **words) {
    HANDLE file = count == 2 ? CreateFileW(words[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL)
                             : INVALID_HANDLE_VALUE;
    if (file == INVALID_HANDLE_VALUE) return 1;
    puts("held");
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
