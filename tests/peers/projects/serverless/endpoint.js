"use strict";
module.exports = class Endpoint {
  constructor(serverless) {
    const provider = serverless.getProvider("aws");
    provider.sdk.config.update({ endpoint: process.env.AWS_ENDPOINT_URL, s3ForcePathStyle: true });
  }
};
