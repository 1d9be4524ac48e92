/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpctrl: serves one client address or one tunnel for the manager that started it. */
#include "pptpctrl/process.h"

int main(int argc, char **argv)
{
	static const struct process_fronts fronts = {
		.direct = &front_direct,
		.tunnel = &front_tunnel,
	};

	return process_run(argc, argv, &fronts);
}
