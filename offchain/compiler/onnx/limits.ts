/** What an ONNX file may ask of the reader: bounds that are checked before anything is allocated. */

/** Largest file accepted, bytes. A circuit for a larger model is out of reach of Groth16 anyway. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024;

/** Largest estimate of what the decoded messages occupy, bytes: an empty message takes two in the file, hundreds then. */
export const MAX_DECODED_BYTES = 96 * 1024 * 1024;

/** Most elements in one tensor or one declared shape. */
export const MAX_ELEMENTS = 1 << 26;

/** Most dimensions of a tensor. */
export const MAX_RANK = 16;
