#!/usr/bin/env python3
"""Parses a scrape on stdin by the parser of Prometheus's own client, and prints one JSON object for each sample.

A family without samples is printed, too, with the name of no sample.
"""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families


def main():
    for family in text_string_to_metric_families(sys.stdin.read()):
        head = {"family": family.name, "type": family.type, "help": family.documentation}
        for sample in family.samples or [None]:
            told = {} if sample is None else {"name": sample.name, "labels": sample.labels, "value": sample.value}
            print(json.dumps(head | told))


main()
