#include "ui/terminal/mouse.h"

#define BUTTONS 0x43 /* the rest are shift, alt, control and motion */
#define MOTION 0x20
#define LEFT 0x00
#define WHEEL_UP 0x40
#define WHEEL_DOWN 0x41
#define NUMBER_LIMIT 100000
#define BYTE_OFFSET 32

static bool make(struct pointer_event *event, int button, int column, int row)
{
    int which = button & BUTTONS;
    if ((button & MOTION) || (which != LEFT && which != WHEEL_UP && which != WHEEL_DOWN) || column < 1 ||
        row < 1)
        return false;
    *event = (struct pointer_event){
        .row = row - 1,
        .column = column - 1,
        .kind = which == WHEEL_UP     ? POINTER_WHEEL_UP
                : which == WHEEL_DOWN ? POINTER_WHEEL_DOWN
                                      : POINTER_PRESS,
    };
    return true;
}

bool mouse_read(struct pointer_event *event, const char *at, size_t length)
{
    int numbers[3] = {0};
    size_t count = 0;
    if (length < 3 || at[1] != '<' || at[length - 1] != 'M')
        return false;
    for (size_t i = 2; i + 1 < length; i++) {
        bool is_digit = at[i] >= '0' && at[i] <= '9';
        if (at[i] == ';' && count < 2)
            count++;
        else if (is_digit && numbers[count] < NUMBER_LIMIT)
            numbers[count] = numbers[count] * 10 + (at[i] - '0');
        else
            return false;
    }
    return count == 2 && make(event, numbers[0], numbers[1], numbers[2]);
}

bool mouse_read_bytes(struct pointer_event *event, const char *bytes)
{
    int button = (unsigned char)bytes[0] - BYTE_OFFSET;
    return button >= 0 &&
           make(event, button, (unsigned char)bytes[1] - BYTE_OFFSET, (unsigned char)bytes[2] - BYTE_OFFSET);
}
