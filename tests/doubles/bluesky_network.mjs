// Starts a whole Bluesky network, says where on its standard output, and stops at SIGTERM.
// Its one argument is the folder that @atproto/dev-env is installed in.

import net from 'node:net'
import { pathToFileURL } from 'node:url'

// The network listens on every interface of the machine; here it is to be heard on the loopback one alone.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  const [where, ...rest] = given
  const callback = rest.find((each) => typeof each === 'function')
  if (typeof where === 'number') return listen.call(this, { port: where, host: '127.0.0.1' }, callback)
  if (where?.port === undefined) throw new Error('The network listens in a way that is not known here.')
  return listen.call(this, { ...where, host: '127.0.0.1' }, callback)
}

const entry = `${process.argv[2]}/node_modules/@atproto/dev-env/dist/index.js`
const { TestNetwork } = await import(pathToFileURL(entry))
const network = await TestNetwork.create({
  // Letters and underscores only.
  dbPostgresSchema: 'earshot',
  pds: { rateLimitsEnabled: true },
})
process.on('SIGTERM', async () => {
  await network.close()
  process.exit(0)
})
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))
