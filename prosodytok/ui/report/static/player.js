"use strict";

// MP3 has silence before the sound. Most decoders leave it out, as the file itself tells them; with
// one that does not, the sound is this late (s).
const MP3_DELAY = 1105 / 16000;
const LATE = 0.05;

// Plays one of several sounds that share a time line.
class Player {
  constructor(onchange) {
    this.onchange = onchange; // told when a sound starts and when it ends
    this.context = null; // made with the first sound: browsers want a gesture before
    this.load([], 0);
  }

  load(sounds, duration) {
    this.stop();
    this.sounds = new Map(sounds.map(({ name, data }) => [name, data]));
    this.buffers = new Map();
    this.duration = duration;
  }

  get playing() {
    return Boolean(this.source);
  }

  // Where the listener is (s); of what lies between the machine and the ear, the browser knows.
  get time() {
    const latency = this.context.outputLatency || 0;
    const time = this.from + this.context.currentTime - this.started - latency;
    return Math.min(Math.max(time, this.from), this.to);
  }

  async play(name, from, to) {
    this.stop();
    const request = (this.request = {});
    this.context ??= new AudioContext();
    const buffer = await this.buffer(name);
    await this.context.resume();
    if (request === this.request) this.start(buffer, from, to);
  }

  // Go on with another sound where this one is.
  async change(name) {
    const source = this.source;
    if (!source) return;
    await this.buffer(name);
    if (source === this.source) await this.play(name, this.time, this.to);
  }

  start(buffer, from, to) {
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.onended = () => source === this.source && this.ended();
    const delay = buffer.duration - this.duration > LATE ? MP3_DELAY : 0;
    Object.assign(this, { source, from, started: this.context.currentTime });
    source.start(this.started, from + delay);
    this.until(to);
    this.onchange();
  }

  // End at another time than was asked for at first.
  until(to) {
    this.to = to;
    this.source.stop(this.started + to - this.from);
  }

  stop() {
    this.request = null;
    if (!this.source) return;
    this.source.stop();
    this.ended();
  }

  ended() {
    this.source = null;
    this.onchange();
  }

  buffer(name) {
    if (!this.buffers.has(name)) {
      const bytes = Uint8Array.from(atob(this.sounds.get(name)), (c) => c.charCodeAt(0));
      this.buffers.set(name, this.context.decodeAudioData(bytes.buffer));
    }
    return this.buffers.get(name);
  }
}
