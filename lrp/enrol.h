/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `lrp enrol LINE`: makes this box one of a server's LRPs, and writes lrp.conf. Runs as root and
 * parses no byte of a network: that is for the children that it starts.
 */
#ifndef LRP_ENROL_H
#define LRP_ENROL_H

/*
 * `argv` begins with the word "enrol"; what is secret in it is overwritten. Returns an exit status;
 * all is said on stdout and stderr.
 */
int enrol_main(int argc, char **argv);

#endif
