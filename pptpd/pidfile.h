/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that tells init scripts our process ID. */
#ifndef PPTPD_PIDFILE_H
#define PPTPD_PIDFILE_H

/* Writes our process ID; a failure is logged and does no other harm. */
void pidfile_write(const char *path);

/* Removes the file if it still holds our process ID. */
void pidfile_remove(const char *path);

#endif
