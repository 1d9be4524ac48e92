/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that stand in for pppd and pptpctrl in the manager's tests: the test program itself,
 * started under their names. They do what their option file, or their client, says.
 */
#ifndef TESTS_UNIT_PPTPD_STANDIN_H
#define TESTS_UNIT_PPTPD_STANDIN_H

/*
 * To be called first by main(): does not return in a process that was started as a stand-in.
 *
 * pppd, by the first word of its option file: "mirror" (also without one) sends back what it reads
 * and ends with status 16 on hang-up; "report" does so too, after it wrote to stderr what it was
 * given; "deaf" ignores the hang-up and ends with status 5 on SIGTERM; "stubborn" ignores both;
 * "wrong" complains about an option and ends with status 2.
 *
 * rrp-signer has the key with the node ID 7, 0, 0 ..., unless its key's path has "bad" in it.
 *
 * pptpctrl obeys the lines that it reads from its client's connections; see the source.
 */
void standin_run(int argc, char **argv);

/* A path under which this program is pppd's stand-in. Lives until the next scratch_path(). */
const char *standin_pppd(void);

/* The same for pptpctrl and rrp-signer. */
const char *standin_pptpctrl(void);
const char *standin_signer(void);

#endif
