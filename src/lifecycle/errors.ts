/** Nothing is attached, and the call needs it to be. */
export class NotAttachedError extends Error {
  override readonly name = 'NotAttachedError';
}

/** What is attached cannot be changed into what is asked; nothing was changed. */
export class AttachedOtherwiseError extends Error {
  override readonly name = 'AttachedOtherwiseError';
}
