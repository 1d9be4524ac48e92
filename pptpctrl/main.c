/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpctrl: serves one client address for the manager that started it. Knows nothing of TLS. */
#include "pptpctrl/process.h"

int main(int argc, char **argv)
{
	static const struct process_fronts fronts = {.direct = &front_direct};

	return process_run(argc, argv, &fronts);
}
