// Imported for what it does.
export {};
