// The page of a run that goes on. Everything it needs is in it; the one thing it asks for is the stream of events.
import { uplotScript, uplotStyle } from '../report/page.js'
import { inlined, pageScript } from '../report/script.js'
import { STYLE } from '../report/style.js'

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"

const tile = (name: string, id: string): string => `<div class="tile"><dt>${name}</dt><dd id="${id}"></dd></div>`

/** The same for every run: names come by the stream. */
export const livePage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>vxlane</title>
<link rel="icon" href="data:,">
<style>${STYLE}${uplotStyle()}
.progress{height:10px;background:var(--panel);border-radius:5px;overflow:hidden;margin:12px 0}.progress i{display:block;height:100%;width:0;background:var(--c0)}
.bar-track i{background:var(--c0)}
</style>
</head>
<body>
<main>
<h1 id="name" dir="auto">waiting for the run</h1>
<p id="state" role="status"></p>
<div class="progress"><i id="done"></i></div>
<dl class="tiles">${tile('virtual time', 'time')}${tile('pace', 'pace')}${tile('left', 'left')}${tile('delivered', 'delivered')}${tile('dropped', 'dropped')}</dl>
<p><button id="hold" type="button">Pause</button> <button id="stop" type="button">Stop and save</button></p>
<h2>Packets sent a second of wall time</h2><div id="rate" role="img" aria-label="Packets sent a second of wall time, against virtual time"></div>
<h2>What fills up</h2><div class="bars" id="resources"></div>
<h2>Nodes</h2>
<div class="map" id="nodes"><p><label><span id="count"></span>; the stronger the colour, the more <select id="metric"></select></label></p>
<canvas tabindex="0" role="img" aria-label="Map of nodes; arrow keys move from cell to cell"></canvas><output></output></div>
</main>
<script>${inlined(uplotScript())}</script>
<script type="module">${pageScript(new URL('./client.js', import.meta.url))}</script>
</body>
</html>
`
