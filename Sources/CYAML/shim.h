#pragma once
#include <yaml.h>

// Swift reads a member of a union by copying all of it, which is too much for each value of a large document.

static inline const yaml_char_t *cyaml_scalar_value(const yaml_event_t *event) { return event->data.scalar.value; }

static inline size_t cyaml_scalar_length(const yaml_event_t *event) { return event->data.scalar.length; }

static inline int cyaml_scalar_is_plain(const yaml_event_t *event) {
  return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/// The tag of a scalar, a sequence or a mapping; NULL when it has none, and for other events.
static inline const yaml_char_t *cyaml_tag(const yaml_event_t *event) {
  switch (event->type) {
  case YAML_SCALAR_EVENT: return event->data.scalar.tag;
  case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.tag;
  case YAML_MAPPING_START_EVENT: return event->data.mapping_start.tag;
  default: return NULL;
  }
}
