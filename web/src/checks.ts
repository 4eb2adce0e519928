// What people write, as the server reads it.

/** Whether a text is a telephone number: 3 to 15 digits, however spaced. */
export const isPhone = (text: string): boolean =>
  /^\+?\d{3,15}$/.test(text.replace(/[\s.()-]/g, ""));

/** Whether a text is an identity number. */
export const isIdentity = (text: string): boolean =>
  /^(\d{9}|\d{12}|[A-Z]{1,2}\d{6,8})$/i.test(text.replace(/[\s.-]/g, ""));
