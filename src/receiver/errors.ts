/** Nothing is attached, and the call needs a receiver. */
export class NotAttachedError extends Error {
  override readonly name = 'NotAttachedError';

  constructor() {
    super('no receiver is attached: attach one with `truepeer receiver attach --trust CIDR`');
  }
}

/** What is attached cannot be changed into what is asked; nothing was changed. */
export class AttachedOtherwiseError extends Error {
  override readonly name = 'AttachedOtherwiseError';
}
