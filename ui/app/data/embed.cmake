# Writes OUTPUT, a C file with the content of every file in INPUTS (a list separated by ","); see data.h.
string(REPLACE "," ";" INPUTS "${INPUTS}")
set(bodies "")
set(table "")
set(index 0)
foreach(input IN LISTS INPUTS)
  get_filename_component(name "${input}" NAME)
  file(READ "${input}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR length "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND bodies "static const char body_${index}[] = {${bytes}0};\n")
  string(APPEND table "    {.name = \"${name}\", .text = body_${index}, .length = ${length}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}"
  "/* Made by embed.cmake from themes/. */\n#include \"ui/app/data/data.h\"\n\n${bodies}\n"
  "const struct data_file data_files[] = {\n${table}};\nconst size_t data_file_count = ${index};\n")
