/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an attach decided; the verifier takes it for constant, and leaves out what it makes unreachable. */
#ifndef TRUEPEER_SETTINGS_H
#define TRUEPEER_SETTINGS_H

#include "../receiver.h"

const volatile struct receiver_settings settings SEC(".rodata.settings");

#endif
