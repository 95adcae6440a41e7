/** What accounts and devices want of their calls' media: JSON, NULL when nobody said anything. */
export const media = `
ALTER TABLE accounts ADD COLUMN media TEXT;
ALTER TABLE devices ADD COLUMN media TEXT;
`;
