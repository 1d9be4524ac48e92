/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpctrl-tunnel: serves one tunnel of an LRP for the manager that started it. */
#include "pptpctrl/process.h"

int main(int argc, char **argv)
{
	static const struct process_fronts fronts = {.tunnel = &front_tunnel};

	return process_run(argc, argv, &fronts);
}
