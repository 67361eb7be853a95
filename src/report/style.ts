// The page's style: one column, calm, light or dark as the reader's system is, and fit for paper.

export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#dde2e9;--panel:#f6f8fa;--good:#1a7f37;--bad:#c62828;--warn:#9a6700;
--c0:#2563eb;--c1:#d9480f;--c2:#2b8a3e;--c3:#9c36b5;--c4:#0b7285;--c5:#a66300;--c6:#c2255c;--c7:#495057}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e6eaf0;--soft:#9aa6b5;--rule:#2b333e;--panel:#1a2028;--good:#4cc26b;--bad:#ff7b72;--warn:#e3b341;
--c0:#6ea8fe;--c1:#ff922b;--c2:#69db7c;--c3:#da77f2;--c4:#3bc9db;--c5:#ffd43b;--c6:#f783ac;--c7:#ced4da}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--rule)}
h3{font-size:15px;margin:20px 0 4px}h4{font-size:14px;margin:10px 0 0}.marked tbody tr:last-child{background:color-mix(in srgb,var(--warn) 16%,transparent)}
p{margin:6px 0}
.soft{color:var(--soft)}
.verdict{font-size:17px;margin:12px 0;padding:12px 16px;border-left:5px solid var(--soft);background:var(--panel);border-radius:0 6px 6px 0}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}
.verdict b.good{color:var(--good)}.verdict b.bad{color:var(--bad)}
.verdict ul{margin:6px 0 0;padding-left:20px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:12px 0}
a{color:var(--c0)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:16px 0;padding:0}
.tile{background:var(--panel);border-radius:6px;padding:10px 12px}
.tile dt{color:var(--soft);font-size:13px}.tile dd{margin:0;font-size:20px;font-variant-numeric:tabular-nums;line-height:1.25}
.tile dd small{display:block;font-size:13px;color:var(--soft)}
.tile.pairs dd{font-size:15px;overflow-wrap:anywhere}.tile.pairs dd small{display:inline-block;width:1em;font-weight:600}.tile.pairs dd+dd small{color:var(--c1)}.tile.pairs dd small{color:var(--c0)}
figure{margin:16px 0}
figcaption{font-weight:600;margin-bottom:4px}
figcaption span{font-weight:400;color:var(--soft)}
/* A name that turns its direction round turns nothing but itself. */
b,code,small,figcaption span,th,td,li,option,.bar-name,.bar-words,.soft{unicode-bidi:isolate}
svg{display:block;width:100%;height:auto}
.drawing{overflow-x:auto}.drawing svg{min-width:600px}
svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.dashed{stroke-dasharray:5 4}
.moment line{stroke:var(--warn);stroke-width:1.2;stroke-dasharray:2 3}.moment circle{fill:var(--warn)}.moment text{fill:var(--warn);font-weight:600}
.moments{font-size:13px;margin:4px 0 12px;padding-left:26px;color:var(--soft)}.moments li::marker{color:var(--warn);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:2px 0 0;padding:0;font-size:13px}
.key{display:inline-block;width:18px;height:0;border-top:3px solid;margin-right:6px;vertical-align:middle}
.key.dashed{border-top-style:dashed}
${Array.from({ length: 8 }, (_, i) => `.cell.s${i}{fill:var(--c${i})}.line.s${i}{stroke:var(--c${i})}.dot.s${i}{fill:var(--c${i});stroke:var(--c${i})}.key.s${i}{border-color:var(--c${i})}`).join('')}
.dot.hollow{fill:var(--paper)}p.bad{color:var(--bad)}
.numbers{font-size:13px;margin-top:4px}.numbers summary,details>summary{cursor:pointer;color:var(--soft)}
.scroll{overflow:auto;max-height:340px}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;margin:6px 0}
caption{text-align:left;color:var(--soft)}
th,td{padding:3px 12px 3px 0;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child{text-align:left;font-weight:500}tbody th{white-space:normal;overflow-wrap:anywhere;min-width:8em}thead th{color:var(--soft);font-weight:500}
td.words,th.words{text-align:left;white-space:normal}td.words{min-width:9em;overflow-wrap:anywhere}td.words:last-child{min-width:16em}td.words code{overflow-wrap:anywhere}td.name{text-align:left;overflow-wrap:anywhere;white-space:normal;min-width:12em}td.bad{color:var(--bad)}.events thead th{text-align:left}.events td:nth-child(4){min-width:13em}.events td:nth-child(5){min-width:12em}.cells text{font-size:11px;fill:var(--ink)}.cells .cell{stroke:none}.tall{max-height:600px}.strip rect{fill:var(--c1)}.strip text{font-size:10px}
.floor{fill:var(--soft);fill-opacity:.14}.whisker{fill:none;stroke-width:1.6;stroke:currentColor}.shift{color:var(--soft)}.shift .dot{fill:currentColor}.forest text{font-size:12.5px}.forest .shift text{fill:var(--ink)}
.shift.exact{color:var(--c0)}.shift.regressed,.key.regressed{color:var(--bad)}.shift.improved,.key.improved{color:var(--good)}.shift.inconclusive,.key.inconclusive{color:var(--warn)}.shift.changed,.key.changed{color:var(--c0)}.key.equal{color:var(--soft)}
.pair{display:grid;grid-template-columns:minmax(120px,200px) 1fr;gap:10px;align-items:center;margin:8px 0;font-size:14px}.pair-line{display:grid;grid-template-columns:1fr 240px;gap:10px;align-items:center}.pair-line .bar-track{height:10px}.bar-track i.a{background:var(--c0)}.bar-track i.b{background:var(--c1)}
.diff span{display:block}.diff .gone{background:color-mix(in srgb,var(--bad) 16%,transparent)}.diff .come{background:color-mix(in srgb,var(--good) 18%,transparent)}.diff .at{color:var(--soft)}
.bar{display:grid;grid-template-columns:minmax(120px,200px) 1fr 240px;gap:10px;align-items:center;margin:3px 0;font-size:14px}
.bar-name{overflow-wrap:anywhere}.bar-track{background:var(--panel);border-radius:3px;height:14px;overflow:hidden}.bar-track i{display:block;height:100%;background:var(--c1)}
.bar-words{font-variant-numeric:tabular-nums;color:var(--soft)}
details.reason{border:1px solid var(--rule);border-radius:6px;padding:8px 12px;margin:8px 0}
details.reason>summary{color:var(--ink)}
pre{background:var(--panel);border-radius:6px;padding:10px 12px;overflow:auto;font-size:12.5px;line-height:1.45;margin:6px 0}
.map{position:relative}.map canvas{width:100%;display:block;border-radius:6px;background:var(--panel);cursor:crosshair}
.map output{display:block;min-height:3em;font-size:13.5px;margin-top:6px}
select{max-width:100%}select,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--rule);border-radius:5px;padding:2px 8px}
.headers{display:flex;flex-wrap:wrap;margin:3px 0 6px;font-size:12px}
.headers span{border:1px solid var(--rule);padding:2px 8px;margin-left:-1px;background:var(--panel)}
.headers .outer{background:color-mix(in srgb,var(--c1) 18%,var(--paper))}.headers .tunnel{background:color-mix(in srgb,var(--c3) 20%,var(--paper))}
.headers .inner{background:color-mix(in srgb,var(--c0) 16%,var(--paper))}
ol.way{list-style:none;padding:0;margin:8px 0}
ol.way>li{display:grid;grid-template-columns:84px 112px 1fr;gap:2px 12px;padding:5px 0;border-bottom:1px solid var(--rule);font-size:14px}
ol.way time{text-align:right;color:var(--soft);font-variant-numeric:tabular-nums}ol.way b{font-weight:600}
ol.way .drop b{color:var(--bad)}
.live{display:none}
@media (max-width:640px){.pair,.pair-line{grid-template-columns:1fr;gap:2px}ol.way>li{grid-template-columns:1fr}ol.way time{text-align:left}.bar{grid-template-columns:1fr}}
.live:focus-visible,canvas:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
.live .u-legend{font-size:13px;text-align:left;padding-left:78px}.live .u-legend th,.live .u-legend td{border:0;padding:1px 4px 1px 0}.live .u-legend .u-series{padding-right:12px}.live .u-legend th{cursor:pointer}
.live .u-legend .u-value{color:var(--soft)}.live .u-legend .u-marker{width:14px;height:3px}
@media screen{.has-live>.drawing,.has-live>.legend,.unpicked{display:none}.has-live>.live{display:block}}
@media print{:root{--paper:#fff;--ink:#000;--panel:#f4f4f4}main{max-width:none;padding:0}nav,.live,button,select,.picker{display:none}.scroll{max-height:none;overflow:visible}table{font-size:10px}th,td{padding-right:7px;min-width:0!important}thead th{white-space:normal}td.words,tbody th{white-space:normal;overflow-wrap:anywhere}td.words{min-width:7em!important}pre{white-space:pre-wrap;overflow-wrap:anywhere}.drawing{overflow:visible}.drawing svg{min-width:0}h2{break-after:avoid}figure,.tile{break-inside:avoid}}
`
