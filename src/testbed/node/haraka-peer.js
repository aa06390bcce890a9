'use strict'
// A plugin of Haraka's that makes it a mail server for tests: whoever comes may send, one address is refused, mail for some domains goes on
// to a next hop, all other mail into a Maildir. Haraka delivers its own reports by SMTP, so for them it is its own next hop.
//
// config/peer.json: {"port": own port, "nobody": address, "maildir": folder, "onward": {DOMAIN: a mail exchanger as Haraka has it}}

const fs = require('node:fs')
const path = require('node:path')

let delivered = 0

exports.register = function () {
  this.peer = this.config.get('peer.json')
}

exports.hook_connect = function (next, connection) {
  connection.relaying = true
  next()
}

exports.hook_rcpt = function (next, connection, [recipient]) {
  if (recipient.address === this.peer.nobody) return next(DENY, 'nobody here')
  next(OK)
}

exports.hook_get_mx = function (next, hmail, domain) {
  next(OK, this.peer.onward[domain] || { exchange: '127.0.0.1', port: this.peer.port })
}

exports.hook_queue_outbound = function (next, connection) {
  const { mail_from, rcpt_to, message_stream } = connection.transaction
  if (rcpt_to.some((recipient) => this.peer.onward[recipient.host])) return next()
  message_stream.get_data((octets) => {
    const name = String(++delivered).padStart(6, '0')
    const envelope = [`Return-Path: ${mail_from.format()}`, ...rcpt_to.map((recipient) => `Delivered-To: ${recipient.address}`), '']
    const content = octets.toString('latin1').replaceAll('\r\n', '\n')
    const unfinished = path.join(this.peer.maildir, 'tmp', name)
    fs.writeFileSync(unfinished, Buffer.concat([Buffer.from(envelope.join('\n')), Buffer.from(content, 'latin1')]))
    fs.renameSync(unfinished, path.join(this.peer.maildir, 'new', name))
    next(OK)
  })
}
