# SPDX-License-Identifier: GPL-2.0
# cmake -DSOURCE=DIR -DHEADER=FILE -P commit.cmake: a header with the commit that is built, ""
# where there is no git; written only when it is another.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define PLAIT_COMMIT \"${commit}\"\n")
