"""From reports to medians, ratios, a table and a JSON file."""

import json
import statistics
import time

from comparison import machine, measure

GENERATOR_BUSY = 0.9  # Of its processor; then a rate says nothing about the broker.


def summarize(rows, compared, reports):
    """One entry a scenario and figure: the median of each broker's exact runs, with the least and
    the most, and how many times better the first broker is than each other."""
    return [
        summary_of(row, figure, compared, reports)
        for row in rows
        for figure in row.figures
    ]


def summary_of(row, figure, compared, reports):
    values = {}
    for broker in compared:
        seen = [
            report[figure.key]
            for report in reports
            if report["row"] == row.name and report["broker"] == broker.name
            and report["ok"] and figure.key in report
        ]
        if seen:
            values[broker.name] = {
                "median": statistics.median(seen),
                "min": min(seen),
                "max": max(seen),
                "runs": len(seen),
            }
    return {
        "scenario": row.name,
        "figure": figure.key,
        "title": figure.title,
        "more_is_better": figure.more_is_better,
        "values": values,
        "ratios": ratios(values, compared, figure.more_is_better),
    }


def ratios(values, compared, more_is_better):
    """By other broker: above 1 the first one is better."""
    first = values.get(compared[0].name, {}).get("median")
    found = {}
    for broker in compared[1:]:
        other = values.get(broker.name, {}).get("median")
        better, worse = (first, other) if more_is_better else (other, first)
        if better is not None and worse:
            found[broker.name] = round(better / worse, 3)
    return found


def generator_bound(row, broker, reports):
    """True when the load generator was the limit: rates of this scenario are its own then."""
    shares = [
        report["gen_share"]
        for report in reports
        if report["row"] == row.name and report["broker"] == broker.name and "gen_share" in report
    ]
    return bool(shares) and statistics.median(shares) >= GENERATOR_BUSY


def table(rows, compared, reports, summaries):
    others = [broker.name for broker in compared[1:]]
    first = compared[0].name
    head = ["scenario", "figure", *(broker.name for broker in compared)]
    head += [f"{name}/{first}" for name in others]
    lines = [head]
    for row in rows:
        for entry in (each for each in summaries if each["scenario"] == row.name):
            cells = [row.name, entry["title"]]
            cells += [cell(row, broker, entry, reports) for broker in compared]
            cells += [f"{entry['ratios'][name]:.2f}" if name in entry["ratios"] else "-"
                      for name in others]
            lines.append(cells)
    return "\n".join(aligned(lines))


def cell(row, broker, entry, reports):
    value = entry["values"].get(broker.name)
    if value is None:
        return "-"
    bound = entry["figure"] == "rate" and generator_bound(row, broker, reports)
    return shown(value["median"]) + ("*" if bound else "")


def shown(number):
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"


def aligned(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        words = (text.ljust(width) if column < 2 else text.rjust(width)
                 for column, (text, width) in enumerate(zip(line, widths)))
        yield "  ".join(words).rstrip()


def failures(reports):
    return [
        f"round {report['round'] + 1}, {report['row']}, {report['broker']}: "
        f"{measure.failure(report)}"
        for report in reports
        if not report["ok"]
    ]


def write_json(path, options, compared, reports, summaries, tls_floor=None):
    content = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine.describe(),
        "rounds": options.rounds,
        "threads": options.threads,
        "scale": options.scale,
        "pinned": machine.place(options.threads)[0] is not None,
        "brokers": {broker.name: broker.version() for broker in compared},
        "state_on": machine.file_system(options.folder),
        "tls_floor": tls_floor,
        "summary": summaries,
        "runs": reports,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
