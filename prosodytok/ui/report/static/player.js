"use strict";

// MP3 begins with silence. Most decoders remove it according to the header of the file; otherwise,
// the sound has this delay (s).
const MP3_DELAY = 1105 / 16000;
const LATE = 0.05;

// Plays one of several sounds on a common time axis.
class Player {
  constructor(onchange) {
    this.onchange = onchange; // called at the start and at the end of playback
    this.context = null; // created at the first playback: browsers require a user gesture
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

  // Audible position (s), with the output latency that the browser reports.
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

  // Continue with another sound at the same position.
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

  // Change the end of the current playback.
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
