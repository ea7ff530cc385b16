#include "ui/screens/create/model.h"

#include <stdlib.h>

void create_form_clear(struct create_form *form)
{
    free(form->collection_name);
    machine_list_clear(&form->members);
    command_line_clear(&form->start);
    line_editor_clear(&form->name);
    *form = (struct create_form){0};
}

bool create_form_has(const struct create_form *form, enum create_field field)
{
    switch (field) {
    case CREATE_TYPE:
        return form->can.live_export;
    case CREATE_CONSISTENCY:
        return form->can.application_consistency;
    case CREATE_ALLOW_CRASH:
        return form->can.application_consistency && form->application;
    case CREATE_RAW:
        return form->has_raw && !form->rct;
    default:
        return true;
    }
}

bool create_form_toggle(struct create_form *form, enum create_field field)
{
    switch (field) {
    case CREATE_TYPE:
        form->rct = !form->rct;
        return true;
    case CREATE_CONSISTENCY:
        form->application = !form->application;
        return true;
    case CREATE_ALLOW_CRASH:
        form->allow_crash = !form->allow_crash;
        return true;
    case CREATE_RAW:
        form->raw_to_qcow2 = !form->raw_to_qcow2;
        return true;
    default:
        return false;
    }
}

void create_form_request(const struct create_form *form, struct point_request *request)
{
    bool application = create_form_has(form, CREATE_CONSISTENCY) && form->application;
    bool rct = create_form_has(form, CREATE_TYPE) && form->rct;
    *request = (struct point_request){
        .collection_id = form->collection,
        .name = form->name.length ? line_editor_text(&form->name) : NULL,
        .consistency_level = application ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH,
        .allow_crash = create_form_has(form, CREATE_ALLOW_CRASH) && form->allow_crash,
        .reference_point_type = rct ? POINT_TYPE_RCT_BASED : POINT_TYPE_LOG_BASED,
        .raw_to_qcow2 = create_form_has(form, CREATE_RAW) && form->raw_to_qcow2,
    };
}

void create_form_command(const struct create_form *form, struct command_line *line)
{
    struct point_request request;
    create_form_request(form, &request);
    *line = (struct command_line){0};
    for (size_t i = 0; i < form->start.count; i++)
        command_line_add(line, form->start.words[i]);
    if (request.name)
        command_line_add_option(line, "--name", request.name);
    if (request.reference_point_type == POINT_TYPE_RCT_BASED)
        command_line_add_option(line, "--type", "rct");
    if (request.consistency_level == CONSISTENCY_APPLICATION)
        command_line_add_option(line, "--consistency", "application");
    if (request.allow_crash)
        command_line_add(line, "--allow-crash");
    if (request.raw_to_qcow2)
        command_line_add(line, "--raw-to-qcow2");
}
