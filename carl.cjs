#!/usr/bin/env node
// Plain old JavaScript: it must start on any Node, to say which one is needed.
var version = process.versions.node.split('.').map(Number)
if (version[0] >= 26 || (version[0] === 24 && version[1] >= 15)) {
  // New objects live in a space that V8 lets grow to 64 MB and keeps, and code is compiled for speed at the price of
  // memory; a server that mostly waits has no use for either: 14 MB less at rest for about a tenth more time in a list.
  // Each thread that compiles keeps what it once took: one is enough.
  // It must be said before anything is loaded.
  require('v8').setFlagsFromString('--semi-space-growth-factor=1')
  require('v8').setFlagsFromString('--optimize-for-size')
  require('v8').setFlagsFromString('--concurrent-turbofan-max-threads=1')
  import('./dist/main.js').catch(function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || require('fs').existsSync(__dirname + '/dist/main.js'))
      throw error
    console.error('carl is not built yet. In a checkout, npm start builds and starts it.')
    process.exitCode = 1
  })
} else {
  console.error('carl needs Node 24.15 or newer, or 26; this is ' + process.version + '.')
  process.exitCode = 1
}
