/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that tells init scripts a program's process ID. */
#ifndef PPTPD_BASE_PID_FILE_H
#define PPTPD_BASE_PID_FILE_H

/* Writes our process ID; the file is writable by root alone. Returns 0 or a negative errno. */
int pid_file_write(const char *path);

/* Removes the file if it still holds our process ID. Returns 0 or the negative errno of unlink(2).
 */
int pid_file_remove(const char *path);

#endif
