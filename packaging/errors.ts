/** What was asked for cannot be packaged; the message says what would be right. */
export class PackagingError extends Error {
  override readonly name = 'PackagingError';
}

/** A package from the registry is not the one whose digest is on record. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}
