/* Which keys the browse screen tells, in each of its states. */
#include "ui/screens/browse/order.h"
#include "ui/screens/browse/state.h"
#include "ui/screens/job/actions.h"

#define ROOMS                                                                                                \
    {.action = ACTION_PACKAGES}, {.action = ACTION_CHECK},                                                   \
    {                                                                                                        \
        .action = ACTION_SETTINGS                                                                            \
    }

#define MOVES                                                                                                \
    ROOMS, {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},             \
        {.action = ACTION_LEFT, .help_only = true}, {.action = ACTION_RIGHT, .help_only = true},             \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
        {.action = ACTION_FIRST, .help_only = true}, {.action = ACTION_LAST, .help_only = true},             \
        {.action = ACTION_BACK, .help_only = true}, {.action = ACTION_REDRAW, .help_only = true},            \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

#define MARKS                                                                                                \
    {.action = ACTION_VERIFY,                                                                                \
     .help = "Verify the package of the selected point, every byte, as a job",                               \
     .help_only = true},                                                                                     \
        {.action = ACTION_SORT, .help = "Sort the list by the next column"},                                 \
        {.action = ACTION_SORT_REVERSE},                                                                     \
        {.action = ACTION_MARK,                                                                              \
         .help = "Mark the point, or not: what is marked is exported together",                              \
         .help_only = true},                                                                                 \
    {                                                                                                        \
        .action = ACTION_MARK_ALL, .help = "Mark all points that are shown, or none", .help_only = true      \
    }

static const struct list_view *shown_focused_view(const struct browse *browse)
{
    return browse->focus == FOCUS_POINTS ? &browse->point_view : &browse->collections;
}

bool browse_takes_text(const struct screen *screen)
{
    return shown_focused_view((const struct browse *)screen)->filtering;
}

const struct screen_hint *browse_hints(const struct screen *screen)
{
    static const struct screen_hint idle[] = {{.action = ACTION_OPEN},
                                              {.action = ACTION_EXPORT},
                                              {.action = ACTION_CREATE, .label = "new"},
                                              {.action = ACTION_FILTER},
                                              {.action = ACTION_NEXT_PANE, .label = "pane"},
                                              {.action = ACTION_JOBS},
                                              {.action = ACTION_HOSTS},
                                              {.action = ACTION_QUIT},
                                              {.action = ACTION_REFRESH},
                                              {.action = ACTION_DEFINE},
                                              {.action = ACTION_MACHINES},
                                              {.action = ACTION_STORE},
                                              {.action = ACTION_DEMO, .help_only = true},
                                              {.action = ACTION_REMOVE_DATA},
                                              {.action = ACTION_DESTROY},
                                              MARKS,
                                              MOVES};
    static const struct screen_hint with_marks[] = {
        {.action = ACTION_EXPORT,
         .label = "export the marked",
         .help = "Export the marked points, a job for each"},
        {.action = ACTION_MARK},
        {.action = ACTION_MARK_ALL, .help = "Mark all points that are shown, or none"},
        {.action = ACTION_OPEN},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "pane"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_SORT, .help = "Sort the list by the next column"},
        {.action = ACTION_SORT_REVERSE},
        {.action = ACTION_VERIFY,
         .help = "Verify the package of the selected point, every byte, as a job",
         .help_only = true},
        {.action = ACTION_CREATE, .label = "new"},
        {.action = ACTION_HOSTS},
        {.action = ACTION_REFRESH},
        {.action = ACTION_REMOVE_DATA},
        {.action = ACTION_DESTROY},
        MOVES};
    /* Why it is so can be read; nothing is done with it. */
    static const struct screen_hint damaged[] = {
        {.action = ACTION_OPEN, .label = "why", .help = "Say why it is damaged"},
        {.action = ACTION_REFRESH},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "pane"},
        {.action = ACTION_JOBS},
        {.action = ACTION_HOSTS},
        {.action = ACTION_QUIT},
        MOVES};
    /* What it offers stands in the body with its keys. */
    static const struct screen_hint nothing[] = {
        {.action = ACTION_MACHINES},
        {.action = ACTION_DEFINE},
        {.action = ACTION_DEMO, .label = "demo"},
        {.action = ACTION_STORE, .label = "store"},
        {.action = ACTION_HOSTS},
        {.action = ACTION_REFRESH},
        {.action = ACTION_QUIT},
        {.action = ACTION_JOBS},
        {.action = ACTION_THEME, .label = "colours"},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again", .help = "Ask the host again"},
        {.action = ACTION_HOSTS, .label = "another host"},
        {.action = ACTION_STORE},
        {.action = ACTION_JOBS},
        {.action = ACTION_THEME, .label = "colours"},
        {.action = ACTION_QUIT},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {
        {.action = ACTION_BACK, .label = "stop waiting", .help = "Stop waiting for the host"},
        {.action = ACTION_HOSTS, .label = "another host"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint with_job[] = {{.action = ACTION_OPEN},
                                                  {.action = ACTION_EXPORT},
                                                  {.action = ACTION_FILTER},
                                                  {.action = ACTION_JOBS},
                                                  {.action = ACTION_PAUSE},
                                                  {.action = ACTION_CANCEL},
                                                  {.action = ACTION_QUIT},
                                                  {.action = ACTION_NEXT_PANE, .label = "pane"},
                                                  {.action = ACTION_HOSTS},
                                                  {.action = ACTION_REFRESH},
                                                  {.action = ACTION_DEFINE},
                                                  {.action = ACTION_MACHINES},
                                                  {.action = ACTION_STORE},
                                                  MARKS,
                                                  MOVES};
    static const struct screen_hint with_paused_job[] = {{.action = ACTION_OPEN},
                                                         {.action = ACTION_EXPORT},
                                                         {.action = ACTION_FILTER},
                                                         {.action = ACTION_JOBS},
                                                         JOB_HINT_RESUME,
                                                         {.action = ACTION_CANCEL},
                                                         {.action = ACTION_QUIT},
                                                         {.action = ACTION_NEXT_PANE, .label = "pane"},
                                                         {.action = ACTION_HOSTS},
                                                         {.action = ACTION_REFRESH},
                                                         {.action = ACTION_DEFINE},
                                                         {.action = ACTION_MACHINES},
                                                         {.action = ACTION_STORE},
                                                         MARKS,
                                                         MOVES};
    const struct browse *browse = (const struct browse *)screen;
    const struct screen_hint *filter = list_view_filter_hints(shown_focused_view(browse));
    const struct job_snapshot *job = browse_job(browse);
    if (filter)
        return filter;
    if (browse_has_failed(browse))
        return failed;
    if (browse_is_first_reading(browse))
        return waiting;
    if (browse_is_empty(browse))
        return nothing;
    if (!job && browse->focus == FOCUS_POINTS && browse_damaged_point(browse))
        return damaged;
    if (browse->focus == FOCUS_POINTS && browse_marked(browse) > 0)
        return with_marks;
    if (!job)
        return idle;
    return job->state == JOB_STATE_SUSPENDED ? with_paused_job : with_job;
}
