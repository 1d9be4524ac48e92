# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory: hosts as namespaces on a kernel with PPP, stock peers, stories told with them.

Nothing in here knows what a correct PPTP server is; that is what the stories say.
"""
