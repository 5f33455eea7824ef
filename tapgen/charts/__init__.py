"""Drawing from series: pages and SVG for browsers, sparklines for terminals. Pure: text from values.

It knows nothing of AWS, of terminals or of where numbers come from. What is drawn needs no script, no font and no file
beside it, follows the reader's light or dark ground, and never says anything by colour alone.

- :mod:`tapgen.charts.model`: what a chart shows (``Line``, ``Threshold``, ``Marker``, ``Chart`` …).
- :mod:`tapgen.charts.lines`: lines and stacked areas over time, with axes, thresholds, markers, legend.
- :mod:`tapgen.charts.bands`: rows of named spans over time: states, or a Gantt chart.
- :mod:`tapgen.charts.meters`: one number, and shares of a whole as bars (budgets, gauges).
- :mod:`tapgen.charts.page`: the self-contained HTML page around them.
- :mod:`tapgen.charts.sparklines`: a series as one line of text.
"""
