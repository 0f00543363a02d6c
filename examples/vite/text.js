export const text = "Change me in text.js and save.";
