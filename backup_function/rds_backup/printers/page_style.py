"""How the status page looks: its style sheet, and the shapes that stand beside every colour.

Shapes differ as much as colours do, and are drawn, so that they need no font and survive print.
"""

from rds_backup.model.decisions import State
from rds_backup.printers.calendar import Mark

# 16 by 16; every shape is filled or stroked with the colour of its class.
_SHAPES = {
    "disc": '<circle cx="8" cy="8" r="7"/>',
    "half": '<circle class="line" cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 0 0 12z"/>',
    "triangle": '<path d="M8 1 15.5 15H.5z"/>',
    "cross": '<path class="line" d="M2.5 2.5 13.5 13.5M13.5 2.5 2.5 13.5"/>',
    "square": '<path class="line dashed" d="M2 2H14V14H2z"/>',
    "dot": '<circle cx="8" cy="8" r="1.5"/>',
}
OF_MARK = {
    Mark.VERIFIED: ("disc", "good"),
    Mark.COPYING: ("half", "busy"),
    Mark.UNVERIFIED: ("triangle", "doubt"),
    Mark.FAILED: ("cross", "bad"),
    Mark.GAP: ("square", "bad"),
    Mark.NOTHING: ("dot", "none"),
}
OF_STATE = {
    State.PROTECTED: ("disc", "good"),
    State.IN_PROGRESS: ("half", "busy"),
    State.QUEUED: ("half", "busy"),
    State.STALE: ("triangle", "doubt"),
    State.STUCK: ("cross", "bad"),
    State.BLOCKED: ("cross", "bad"),
    State.UNSUPPORTED: ("cross", "bad"),
    State.UNKNOWN: ("square", "bad"),
}
SHAPES = (
    '<svg class="shapes" width="0" height="0" aria-hidden="true" focusable="false">'
    + "".join(
        f'<symbol id="{name}" viewBox="0 0 16 16">{drawn}</symbol>'
        for name, drawn in _SHAPES.items()
    )
    + "</svg>"
)
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --paper: #fff; --panel: #f6f8fa; --good: #1a7f37; --busy: #0550ae; --doubt: #9a6700;
  --bad: #cf222e; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1;
  --line: #3d444d; --paper: #0d1117; --panel: #161b22; --good: #3fb950; --busy: #58a6ff;
  --doubt: #d29922; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; } dt, caption { color: var(--soft); }
code, pre { font: .85em/1.5 ui-monospace, monospace; } code, pre, .id { overflow-wrap: anywhere; }
.id { color: var(--soft); font-weight: normal; font-size: .85em; } .whole { white-space: nowrap; }
pre { white-space: pre-wrap; background: var(--panel); padding: .6rem; border-radius: .3rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .5rem 1.5rem;
  margin: 1rem 0; }
dd { margin: 0; }
ul.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; padding: 0; list-style: none; }
svg.shapes { position: absolute; }
svg.shape { width: 1em; height: 1em; vertical-align: -.12em; fill: var(--c); }
svg.shape .line, .line { fill: none; stroke: var(--c); stroke-width: 2.4; }
.dashed { stroke-dasharray: 3 2; }
.good { --c: var(--good); } .busy { --c: var(--busy); } .doubt { --c: var(--doubt); }
.bad { --c: var(--bad); } .none { --c: var(--soft); }
.state { font-weight: 600; white-space: nowrap; }
table { border-collapse: collapse; }
table.databases { width: 100%; }
.databases > thead th { text-align: left; border-bottom: 2px solid var(--line); }
.databases > * > tr > * { padding: .6rem .9rem .6rem 0; vertical-align: top; text-align: left; }
.databases > tbody > tr { border-bottom: 1px solid var(--line); break-inside: avoid; }
.databases > tbody > tr > td:nth-child(3) { min-width: 11rem; }
.nights { table-layout: fixed; width: 13rem; }
.nights caption { text-align: left; font-size: .8rem; white-space: nowrap; }
.nights th, .nights td { padding: .1rem .25rem; text-align: center; white-space: nowrap;
  font-weight: normal; font-size: .75rem; line-height: 1.15; }
.nights td span { display: block; color: var(--soft); }
.nights svg.shape { width: 1rem; height: 1rem; }
@media screen and (max-width: 72rem) {
  .databases > thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
    overflow: hidden; }
  .databases, .databases > tbody, .databases > tbody > tr, .databases > tbody > tr > * {
    display: block; width: 100%; }
  .databases > tbody > tr { padding: .6rem 0; }
  .databases > tbody > tr > * { padding: .2rem 0; }
  .databases > tbody > tr > td[data-label]::before { content: attr(data-label) ": ";
    color: var(--soft); }
}
@page { size: A4 landscape; margin: 12mm; }
@media print { :root { color-scheme: light; } body { padding: 0; font-size: 9pt; }
  svg.shape { print-color-adjust: exact; } h2, h3, p:has(+ pre) { break-after: avoid; } }
"""
