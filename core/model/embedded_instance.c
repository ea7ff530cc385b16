/* Two layers of text: the instance, and in it, as escaped text, an instance per machine. A property that the
 * class does not have is refused and not passed over: a misspelt selection would otherwise export
 * everything. Names of classes and properties compare without case, as in CIM. */
#include "core/model/embedded_instance.h"

#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/model/embedded_instance_names.h"
#include "core/syntax/xml.h"

static bool advise(struct error *err)
{
    return error_next(err, "Write it as the README shows, or give base and disks by options instead.");
}

/* 32773: no such instance. */
#define REFUSE(err, ...)                                                                                     \
    (error_set((err), RETURN_INVALID_PARAMETER, "setting-data.invalid", __VA_ARGS__), advise(err))
/* 32776: a property of a wrong type. */
#define REFUSE_TYPE(err, ...)                                                                                \
    (error_set((err), RETURN_INCORRECT_DATA_TYPE, "setting-data.type", __VA_ARGS__), advise(err))

static bool is_one_of(const xmlNode *element, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (xml_is(element, names[i]))
            return true;
    }
    return false;
}

#define IS_ONE_OF(element, names) is_one_of((element), (names), ARRAY_LENGTH(names))

/* Goes down through what may be around an instance; *found is the only one there. Depth is bounded by
 * xml_parse. */
static bool find_instance(const xmlNode *element, const xmlNode **found, struct error *err)
{
    static const char *const wrappers[] = {
        "CIM",
        "DECLARATION",
        "DECLGROUP",
        "DECLGROUP.WITHNAME",
        "DECLGROUP.WITHPATH",
        "VALUE.OBJECT",
        "VALUE.OBJECTWITHPATH",
        "VALUE.OBJECTWITHLOCALPATH",
        "VALUE.NAMEDOBJECT",
        "VALUE.NAMEDINSTANCE",
        "VALUE.INSTANCEWITHPATH",
    };
    static const char *const passed_over[] = {"INSTANCEPATH", "LOCALINSTANCEPATH", "INSTANCENAME"};
    if (xml_is(element, "INSTANCE")) {
        if (*found)
            return REFUSE(err, "the export setting data holds more than one instance");
        *found = element;
        return true;
    }
    if (IS_ONE_OF(element, passed_over))
        return true;
    if (!IS_ONE_OF(element, wrappers))
        return REFUSE(err, "the export setting data holds <%s> where an <INSTANCE> should be",
                      xml_name(element));
    for (const xmlNode *child = xml_first(element); child; child = xml_next(child)) {
        if (!find_instance(child, found, err))
            return false;
    }
    return true;
}

static bool open_instance(const xmlNode *top, const char *class_name, const xmlNode **instance,
                          struct error *err)
{
    *instance = NULL;
    if (!find_instance(top, instance, err))
        return false;
    if (!*instance)
        return REFUSE(err, "the export setting data holds no <INSTANCE>");
    CLEANUP_FREE char *name = xml_attribute(*instance, "CLASSNAME");
    if (!name || strcasecmp(name, class_name) != 0)
        return REFUSE(err, "the export setting data holds an instance of \"%s\" where one of %s should be",
                      name ? name : "", class_name);
    return true;
}

/* Inherited from CIM_SettingData and CIM_ManagedElement: nothing that an export heeds. */
static bool is_inherited(const char *name)
{
    static const char *const inherited[] = {"InstanceID", "Caption", "Description", "ElementName",
                                            "Generation"};
    for (size_t i = 0; i < ARRAY_LENGTH(inherited); i++) {
        if (strcasecmp(name, inherited[i]) == 0)
            return true;
    }
    return strncmp(name, "__", 2) == 0;
}

typedef bool take_property(void *target, const char *name, const xmlNode *property, struct error *err);

/* Calls `take` with each property that is not inherited; a name comes once only. */
static bool each_property(const xmlNode *instance, take_property *take, void *target, struct error *err)
{
    static const char *const spellings[] = {"PROPERTY", "PROPERTY.ARRAY", "PROPERTY.OBJECT",
                                            "PROPERTY.OBJECTARRAY", "PROPERTY.REFERENCE"};
    for (const xmlNode *child = xml_first(instance); child; child = xml_next(child)) {
        if (xml_is(child, "QUALIFIER"))
            continue;
        CLEANUP_FREE char *name = xml_attribute(child, "NAME");
        if (!IS_ONE_OF(child, spellings) || !name)
            return REFUSE(err, "the export setting data holds <%s> where a <PROPERTY NAME=...> should be",
                          xml_name(child));
        if (!is_inherited(name) && !take(target, name, child, err))
            return false;
    }
    return true;
}

static bool wrong_type(const char *name, const char *right, struct error *err)
{
    return REFUSE_TYPE(err, "the property %s of the export setting data is not %s", name, right);
}

/* A VALUE's text; an element in it would be an instance that is not escaped. */
static bool value_text(const xmlNode *value, const char *name, char **text, struct error *err)
{
    if (!xml_is(value, "VALUE") || xml_first(value))
        return wrong_type(name, "text", err);
    *text = xml_text(value);
    return true;
}

static const xmlNode *skip_qualifiers(const xmlNode *element)
{
    while (element && xml_is(element, "QUALIFIER"))
        element = xml_next(element);
    return element;
}

static bool is_text_type(const xmlNode *property)
{
    CLEANUP_FREE char *type = xml_attribute(property, "TYPE");
    return !type || strcasecmp(type, "string") == 0;
}

/* A text property; *text stays NULL for a NULL one. */
static bool read_text(const xmlNode *property, const char *name, char **text, struct error *err)
{
    if (!xml_is(property, "PROPERTY") || !is_text_type(property))
        return wrong_type(name, "text", err);
    const xmlNode *value = skip_qualifiers(xml_first(property));
    if (!value || xml_is(value, "VALUE.NULL"))
        return true;
    if (xml_next(value))
        return wrong_type(name, "one text", err);
    return value_text(value, name, text, err);
}

/* The first item of an array property; *item stays NULL where there is none. */
static bool open_array(const xmlNode *property, const char *name, bool of_instances, const xmlNode **item,
                       struct error *err)
{
    bool of_objects = of_instances && xml_is(property, "PROPERTY.OBJECTARRAY");
    if (!of_objects && !xml_is(property, "PROPERTY.ARRAY"))
        return wrong_type(name, "a list", err);
    if (!of_instances && !is_text_type(property))
        return wrong_type(name, "a list of texts", err);
    const xmlNode *array = skip_qualifiers(xml_first(property));
    if (!array || xml_is(array, "VALUE.NULL"))
        return true;
    bool right = xml_is(array, "VALUE.ARRAY") || (of_objects && xml_is(array, "VALUE.OBJECTARRAY"));
    if (!right || xml_next(array))
        return wrong_type(name, "a list", err);
    *item = xml_first(array);
    return true;
}

static bool take_machine_id(struct machine_to_disks *machine, const xmlNode *property, struct error *err)
{
    if (machine->machine_id)
        return REFUSE(err, "the export setting data has the property " MACHINE_ID_PROPERTY " twice");
    return read_text(property, MACHINE_ID_PROPERTY, &machine->machine_id, err);
}

static bool take_disks(struct machine_to_disks *machine, const xmlNode *property, struct error *err)
{
    const xmlNode *item = NULL;
    if (machine->disk_count > 0)
        return REFUSE(err, "the export setting data has the property " DISKS_PROPERTY " twice");
    if (!open_array(property, DISKS_PROPERTY, false, &item, err))
        return false;
    for (; item; item = xml_next(item)) {
        char **disk = ARRAY_APPEND(machine->disks, machine->disk_count);
        if (!value_text(item, DISKS_PROPERTY, disk, err))
            return false;
        if (**disk == '\0')
            return REFUSE(err, "the export setting data has a disk without a name");
    }
    return true;
}

static bool take_machine_property(void *target, const char *name, const xmlNode *property, struct error *err)
{
    struct machine_to_disks *machine = target;
    if (strcasecmp(name, MACHINE_ID_PROPERTY) == 0)
        return take_machine_id(machine, property, err);
    if (strcasecmp(name, DISKS_PROPERTY) == 0)
        return take_disks(machine, property, err);
    return REFUSE(err, "the export setting data has a property \"%s\", which " MACHINE_CLASS " does not have",
                  name);
}

static bool machine_from_element(struct machine_to_disks *machine, const xmlNode *top, struct error *err)
{
    const xmlNode *instance;
    if (!open_instance(top, MACHINE_CLASS, &instance, err) ||
        !each_property(instance, take_machine_property, machine, err))
        return false;
    if (!machine->machine_id || *machine->machine_id == '\0')
        return REFUSE(err, "the export setting data has a machine without " MACHINE_ID_PROPERTY);
    return true;
}

/* An item of the list of machines: escaped text, or (WMI's spelling) an element tree. */
static bool take_machine(struct export_setting_data *settings, const xmlNode *item, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_XML xmlDoc *document = NULL;
    struct machine_to_disks *machine = ARRAY_APPEND(settings->machines, settings->machine_count);
    if (xml_is(item, "VALUE.OBJECT"))
        return machine_from_element(machine, item, err);
    if (!value_text(item, MACHINES_PROPERTY, &text, err))
        return false;
    if (!xml_parse(text, "a machine in the export setting data", &document, err)) {
        err->code = RETURN_INCORRECT_DATA_TYPE;
        return advise(err);
    }
    return machine_from_element(machine, xmlDocGetRootElement(document), err);
}

static bool take_machines(struct export_setting_data *settings, const xmlNode *property, struct error *err)
{
    const xmlNode *item = NULL;
    if (settings->machine_count > 0)
        return REFUSE(err, "the export setting data has the property " MACHINES_PROPERTY " twice");
    if (!open_array(property, MACHINES_PROPERTY, true, &item, err))
        return false;
    for (; item; item = xml_next(item)) {
        if (!take_machine(settings, item, err))
            return false;
    }
    return true;
}

static bool take_base(struct export_setting_data *settings, const xmlNode *property, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    if (!object_path_is_none(&settings->base))
        return REFUSE(err, "the export setting data has the property " BASE_PROPERTY " twice");
    if (!read_text(property, BASE_PROPERTY, &text, err))
        return false;
    if (text && *text && !object_path_parse(&settings->base, text))
        return REFUSE(err, BASE_PROPERTY " is not the path of a point: \"%s\"", text);
    return true;
}

static bool take_settings_property(void *target, const char *name, const xmlNode *property, struct error *err)
{
    if (strcasecmp(name, BASE_PROPERTY) == 0)
        return take_base(target, property, err);
    if (strcasecmp(name, MACHINES_PROPERTY) == 0)
        return take_machines(target, property, err);
    return REFUSE(
        err, "the export setting data has a property \"%s\", which " SETTINGS_CLASS " does not have", name);
}

bool embedded_instance_decode(struct export_setting_data *settings, const char *text, struct error *err)
{
    CLEANUP_XML xmlDoc *document = NULL;
    const xmlNode *instance;
    *settings = (struct export_setting_data){0};
    if (!text || text[strspn(text, " \t\r\n")] == '\0')
        return true;
    if (!xml_parse(text, "the export setting data", &document, err))
        return advise(err);
    bool ok = open_instance(xmlDocGetRootElement(document), SETTINGS_CLASS, &instance, err) &&
              each_property(instance, take_settings_property, settings, err);
    if (!ok)
        export_setting_data_clear(settings);
    return ok;
}
