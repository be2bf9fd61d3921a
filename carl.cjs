#!/usr/bin/env node
// Plain old JavaScript: it must start on any Node, to say which one is needed.
var version = process.versions.node.split('.').map(Number)
var isNewEnough = version[0] >= 26 || (version[0] === 24 && version[1] >= 15)
if (isNewEnough) {
  import('./dist/main.js')
} else {
  console.error(
    'carl needs Node 24.15 or newer, or 26; this is ' +
      process.version +
      '. In a checkout, put ./run in front.',
  )
  process.exitCode = 1
}
