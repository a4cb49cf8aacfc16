import { MoltbotError } from '../../core/errors.ts';

/** A path that is served, with another method; the answer names those there are (RFC 9110, section 15.5.6). */
export class MethodNotAllowedError extends MoltbotError {
  readonly allow: string;

  constructor(methods: readonly string[]) {
    const allow = methods.join(', ');
    super('METHOD_NOT_ALLOWED', 'This path is not served with that method.', { hint: `Use ${allow}.` });
    this.allow = allow;
  }
}
