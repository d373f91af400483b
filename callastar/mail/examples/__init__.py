"""Examples of the mails: what each may say, made by the functions that write them."""
