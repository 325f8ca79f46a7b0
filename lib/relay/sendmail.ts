/** Where every mail system has its program. */
export const SENDMAIL = "/usr/sbin/sendmail";
