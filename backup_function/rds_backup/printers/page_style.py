"""How the status page looks: its style sheet, and the shapes that stand beside every colour.

Shapes differ as much as colours do, and are drawn, so that they need no font and survive print.
"""

# By tone, 16 by 16; every shape is filled or stroked with the colour of its tone.
_SHAPES = {
    "good": '<circle cx="8" cy="8" r="6.5"/>',
    "busy": '<circle class="line" cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 0 0 11z"/>',
    "doubt": '<path d="M8 1 15.5 15H.5z"/>',
    "bad": '<path class="line" d="M2.5 2.5 13.5 13.5M13.5 2.5 2.5 13.5"/>',
    "gap": '<path class="line dashed" d="M2 2H14V14H2z"/>',
    "before": '<path class="line thin" d="M5 8H11"/>',
    "to-come": '<circle cx="8" cy="8" r="1.6"/>',
}
SHAPES = (
    '<svg class="shapes" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    + "".join(f'<g id="{tone}">{drawn}</g>' for tone, drawn in _SHAPES.items())
    + "</defs></svg>"
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
  font: .875rem/1.4 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, p, dl, dd, ul { margin: 0; padding: 0; }
h1 { font-size: 1.25rem; line-height: 1.3; } h2 { font-size: 1rem; margin: 1rem 0 .4rem; }
ul { list-style: none; } dt, th, .soft { color: var(--soft); font-weight: normal; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { margin: .2rem 0; padding: .4rem .6rem; white-space: pre-wrap; background: var(--panel);
  border-radius: .3rem; }
.good { --c: var(--good); } .busy { --c: var(--busy); } .doubt { --c: var(--doubt); }
.bad, .gap { --c: var(--bad); } .before, .to-come { --c: var(--soft); }
.shapes { position: absolute; } .shape, .nights use { fill: var(--c); }
.shape { width: 1em; height: 1em; vertical-align: -.13em; }
.line { fill: none; stroke: var(--c); stroke-width: 2.4; } .dashed { stroke-dasharray: 3 2; }
.thin { stroke-width: 1.2; }
.verdict { display: flex; gap: .8rem; align-items: center; padding: .6rem .9rem;
  border: 1px solid var(--c); border-left-width: .5rem; border-radius: .3rem;
  background: color-mix(in srgb, var(--c) 8%, var(--paper)); }
.verdict > svg { flex: none; width: 1.8rem; height: 1.8rem; }
.verdict > div > :first-child::first-letter { text-transform: uppercase; }
footer.verdict { margin-top: 1rem; padding: .4rem .9rem; font-weight: 600; }
footer.verdict > svg { width: 1.2rem; height: 1.2rem; }
.facts { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; }
.facts > div { display: flex; flex-wrap: wrap; gap: 0 .4rem; }
.fleet { margin-top: .6rem; }
.causes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr));
  gap: .5rem 1rem; }
.causes > li { padding-left: .7rem; border-left: .25rem solid var(--c); break-inside: avoid; }
summary { cursor: pointer; color: var(--soft); }
.databases { display: grid; column-gap: .6rem; grid-template-columns:
  max-content minmax(9rem, 1fr) repeat(6, max-content); }
.databases > *, .databases > * > tr { display: grid; grid-column: 1 / -1;
  grid-template-columns: subgrid; }
.databases > * > tr { align-items: baseline; padding: .3rem 0; border-bottom: 1px solid var(--line);
  break-inside: avoid; }
.databases > * > tr > * { padding: 0; text-align: left; }
.databases > thead > tr { align-items: end; border-bottom-width: 2px; }
.state, .number { white-space: nowrap; } .state { font-weight: 600; }
.name { color: var(--ink); } .name > b { margin-right: .3rem; }
.nights { align-self: center; } .nights > svg { display: block; max-width: 100%; height: auto; }
.weeks { display: flex; font-size: .85em; } .weeks > span { flex: 1; white-space: nowrap; }
.more, .more > details { display: contents; }
.more > details::details-content { grid-column: 1 / -1; }
.inside { display: grid; gap: .4rem; margin: .4rem 0 .4rem .35rem; padding: .1rem 0 .1rem 1rem;
  border-left: 2px solid var(--line); }
.held { border-collapse: collapse; } .held > * > tr > * { padding: 0 1rem 0 0; text-align: left;
  vertical-align: top; }
.others > li { padding: .3rem 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.legend { margin: .8rem 0 .4rem; }
@media screen and (max-width: 75rem) {
  .databases { grid-template-columns: max-content minmax(0, 1fr) repeat(5, max-content); }
  .databases > thead .nights { display: none; }
  .databases > tbody .nights { grid-column: 2 / -1; grid-row: 2; padding-top: .3rem; }
  .more > details::details-content { grid-row: 3; }
}
@media screen and (max-width: 40rem) {
  body { padding: .6rem; }
  .databases { display: block; }
  .databases > thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
    overflow: hidden; }
  .databases > tbody { display: block; }
  .databases > tbody > tr { grid-template-columns: 5fr 3fr 4fr; gap: .1rem .5rem; }
  .more > details > summary { grid-area: 1 / 3; justify-self: end; }
  .databases > tbody > tr > .name, .databases > tbody > tr > .nights { grid-column: 1 / -1;
    grid-row: auto; }
  .number[data-label]::before { content: attr(data-label) " "; color: var(--soft); }
  .more > details::details-content { grid-row: auto; }
  .held > thead { display: none; } .held, .held > tbody, .held > tbody > tr,
  .held > tbody > tr > td { display: block; } .held > tbody > tr { margin-bottom: .3rem; }
}
@page { size: A4 landscape; margin: 10mm; }
@media print { :root { color-scheme: light; } body { padding: 0; font-size: 8pt; line-height: 1.3; }
  h1 { font-size: 11pt; } h2 { font-size: 9pt; margin: .4rem 0 .1rem; break-after: avoid; }
  .verdict { padding: .2rem .6rem; } .verdict > svg { width: 1.4rem; height: 1.4rem; }
  .fleet { margin-top: .3rem; } .legend { margin: .3rem 0 .1rem; }
  .causes { grid-template-columns: 1fr 1fr; }
  .databases > * > tr, .others > li { padding: .1rem 0; } .nights > svg { max-width: 24rem; }
  .inside { gap: .1rem; margin: .1rem 0 .1rem .35rem; padding-left: .8rem; }
  .shape, .nights use, .verdict { print-color-adjust: exact; } summary { display: none; }
  details.bad::details-content { content-visibility: visible; } }
"""
