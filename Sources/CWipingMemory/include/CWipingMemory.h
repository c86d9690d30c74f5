#pragma once
// Nothing to call: a program that links this target gives memory back wiped. See wiping_memory.c.
