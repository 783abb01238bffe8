// The mail server of the stories. `node support/mailbox.js` takes letters over SMTP and hands them
// out over HTTP, since stories run in processes of their own; those call `letterTo` and `lettersTo`.

import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { MAILBOX, SMTP } from "./places.js";

// The first letter to the address, which may still be on its way; it is taken out of the box.
// A letter has `from`, `to`, `subject`, `text` and `raw`. One that could not be handed over at once is
// sent again half a minute later.
export async function letterTo(address, patience = 45_000) {
  const answer = await fetch(`${MAILBOX}/letter?${new URLSearchParams({ to: address, patience })}`);
  if (!answer.ok) throw new Error(`No letter came to ${address} within ${patience} ms`);
  return answer.json();
}

// All letters to the address so far; they stay in the box.
export async function lettersTo(address) {
  return (await fetch(`${MAILBOX}/letters?${new URLSearchParams({ to: address })}`)).json();
}

// --- the server ----------------------------------------------------------------------------------

class Mailbox {
  #letters = [];
  #waiting = new Set();

  put(letter) {
    this.#letters.push(letter);
    for (const look of this.#waiting) look();
  }

  to(address) {
    return this.#letters.filter((letter) => letter.to.includes(address));
  }

  // Takes the first letter to the address; nothing when none comes in time.
  take(address, patience) {
    return new Promise((resolve) => {
      const finish = (letter) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(letter);
      };
      const look = () => {
        const place = this.#letters.findIndex((letter) => letter.to.includes(address));
        if (place >= 0) finish(this.#letters.splice(place, 1)[0]);
      };
      const timer = setTimeout(() => finish(null), patience);
      this.#waiting.add(look);
      look();
    });
  }
}

// One client of the mail server.
class Conversation {
  #rest = "";
  #from = "";
  #to = [];
  #lines = null;

  constructor(socket, mailbox) {
    this.socket = socket;
    this.mailbox = mailbox;
    socket.setEncoding("utf8");
    socket.on("data", (text) => this.#hear(text));
    socket.on("error", () => socket.destroy());
    this.#say("220 mailbox ESMTP");
  }

  #hear(text) {
    const lines = (this.#rest + text).split("\r\n");
    this.#rest = lines.pop();
    for (const line of lines) this.#lines ? this.#letter(line) : this.#command(line);
  }

  #command(line) {
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
        return this.#say("250-mailbox\r\n250-SMTPUTF8\r\n250 8BITMIME");
      case "MAIL":
        [this.#from, this.#to] = [addressIn(line), []];
        return this.#say("250 go on");
      case "RCPT":
        this.#to.push(addressIn(line));
        return this.#say("250 go on");
      case "DATA":
        this.#lines = [];
        return this.#say("354 go on");
      case "QUIT":
        this.#say("221 bye");
        return this.socket.end();
      default:
        return this.#say("250 as you like");
    }
  }

  #letter(line) {
    if (line !== ".") return this.#lines.push(line.replace(/^\./, ""));
    this.mailbox.put(read(this.#from, this.#to, this.#lines.join("\n")));
    this.#lines = null;
    return this.#say("250 taken");
  }

  #say(line) {
    this.socket.write(`${line}\r\n`);
  }
}

const addressIn = (line) => /<(.*)>/.exec(line)?.[1] ?? "";

function read(from, to, raw) {
  const [head, ...body] = raw.split("\n\n");
  const fields = head.replace(/\n[ \t]/g, " ");
  const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, "im").exec(fields)?.[1] ?? "";
  const text = decoded(field("Content-Transfer-Encoding"), body.join("\n\n"));
  return { from, to, raw, subject: words(field("Subject")), text };
}

function decoded(encoding, body) {
  switch (encoding.toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64").toString().replaceAll("\r\n", "\n");
    case "quoted-printable":
      return quoted(body.replaceAll("=\n", ""));
    default:
      return body;
  }
}

// Encoded words of a field (RFC 2047); between two of them the space is no text.
function words(field) {
  return field
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, way, text) =>
      way.toLowerCase() === "b" ? Buffer.from(text, "base64").toString() : quoted(text.replaceAll("_", " ")),
    );
}

// Quoted-printable without soft ends of lines.
function quoted(text) {
  return text.replace(/(?:=[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll("=", ""), "hex").toString());
}

// Answers the stories.
async function hand(mailbox, request, response) {
  const { pathname, searchParams } = new URL(request.url, MAILBOX);
  const to = searchParams.get("to");
  const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  if (pathname === "/letters") return answer(200, mailbox.to(to));
  if (pathname !== "/letter") return answer(200, "mailbox");
  const letter = await mailbox.take(to, Number(searchParams.get("patience")));
  return letter ? answer(200, letter) : answer(404, null);
}

function listen(server, address) {
  const { hostname, port } = new URL(address);
  server.listen(Number(port), hostname);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mailbox = new Mailbox();
  listen(createServer((socket) => new Conversation(socket, mailbox)), SMTP);
  listen(createHttpServer((request, response) => hand(mailbox, request, response)), MAILBOX);
}
