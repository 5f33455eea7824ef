// The service as CDK's own constructs and grants make it; nothing is hardened by hand. `node app.js` writes cdk.out.
const cdk = require("aws-cdk-lib");
const { HttpApi, HttpMethod } = require("aws-cdk-lib/aws-apigatewayv2");
const { HttpJwtAuthorizer } = require("aws-cdk-lib/aws-apigatewayv2-authorizers");
const { HttpLambdaIntegration } = require("aws-cdk-lib/aws-apigatewayv2-integrations");
const codedeploy = require("aws-cdk-lib/aws-codedeploy");
const dynamodb = require("aws-cdk-lib/aws-dynamodb");
const lambda = require("aws-cdk-lib/aws-lambda");
const { DynamoEventSource, SqsDlq } = require("aws-cdk-lib/aws-lambda-event-sources");
const s3 = require("aws-cdk-lib/aws-s3");
const sqs = require("aws-cdk-lib/aws-sqs");

const app = new cdk.App({ outdir: process.argv[2] });
const stack = new cdk.Stack(app, "service");

const table = new dynamodb.Table(stack, "TransactionsTable", {
  partitionKey: { name: "userId", type: dynamodb.AttributeType.STRING },
  sortKey: { name: "transactionId", type: dynamodb.AttributeType.STRING },
  billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
  stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
});
const bucket = new s3.Bucket(stack, "ArchiveBucket");
const deadLetters = new sqs.Queue(stack, "DeadLetterQueue");

function shifted(name, environment) {
  const made = new lambda.Function(stack, name, {
    runtime: lambda.Runtime.PYTHON_3_13,
    architecture: lambda.Architecture.ARM_64,
    tracing: lambda.Tracing.ACTIVE,
    handler: "index.handler",
    code: lambda.Code.fromInline("def handler(event, context): ..."),
    environment,
  });
  const alias = new lambda.Alias(stack, `${name}Live`, { aliasName: "live", version: made.currentVersion });
  new codedeploy.LambdaDeploymentGroup(stack, `${name}Shift`, {
    alias,
    deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
    alarms: [alias.metricErrors().createAlarm(stack, `${name}Errors`, { threshold: 1, evaluationPeriods: 1 })],
  });
  return alias;
}

const api = shifted("ApiFunction", { TABLE_NAME: table.tableName });
table.grantReadWriteData(api);
new HttpApi(stack, "Api").addRoutes({
  path: "/{proxy+}",
  methods: [HttpMethod.ANY],
  integration: new HttpLambdaIntegration("Integration", api),
  authorizer: new HttpJwtAuthorizer("Jwt", "https://login.example.com/", { jwtAudience: ["transactions-api"] }),
});

const archiver = shifted("ArchiverFunction", { BUCKET_NAME: bucket.bucketName });
bucket.grantReadWrite(archiver);
deadLetters.grantSendMessages(archiver);
archiver.addEventSource(
  new DynamoEventSource(table, {
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    onFailure: new SqsDlq(deadLetters),
  }),
);

app.synth();
