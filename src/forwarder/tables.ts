import type { Descriptor } from '../kernel/descriptor.js';
import { MappedArray } from '../kernel/mapped-array.js';
import type { ForwarderMap } from './installation.js';

/** The forwarder's maps, those with fields that the program counts in as memory. */
export class Tables implements Disposable {
  readonly #map: (name: ForwarderMap) => Descriptor;
  readonly services: MappedArray;
  readonly backends: MappedArray;
  readonly schedule: MappedArray;

  /** @param map finds a map. What it finds is not closed here, and must stay open for as long as this is used. */
  constructor(map: (name: ForwarderMap) => Descriptor) {
    this.#map = map;
    this.services = new MappedArray(map('services'));
    this.backends = new MappedArray(map('backends'));
    this.schedule = new MappedArray(map('schedule'));
  }

  map(name: ForwarderMap): Descriptor {
    return this.#map(name);
  }

  [Symbol.dispose](): void {
    for (const array of [this.services, this.backends, this.schedule]) array[Symbol.dispose]();
  }
}
