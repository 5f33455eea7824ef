const cdk = require("aws-cdk-lib");
const { aws_lambda: lambda, aws_codedeploy: codedeploy, aws_cloudwatch: cw, aws_dynamodb: ddb, aws_apigatewayv2: apigw, aws_apigatewayv2_integrations: integrations, aws_sqs: sqs } = cdk;

class Data extends cdk.NestedStack {
  constructor(scope, id) { super(scope, id);
    this.table = new ddb.Table(this, "Orders", { partitionKey: { name: "id", type: ddb.AttributeType.STRING }, billingMode: ddb.BillingMode.PAY_PER_REQUEST, removalPolicy: cdk.RemovalPolicy.DESTROY }); }
}
class Queues extends cdk.NestedStack {
  constructor(scope, id) { super(scope, id);
    const dead = new sqs.Queue(this, "Dead");
    this.queue = new sqs.Queue(this, "Jobs", { deadLetterQueue: { queue: dead, maxReceiveCount: 3 } }); }
}
class Compute extends cdk.NestedStack {
  constructor(scope, id, props) { super(scope, id);
    const fn = new lambda.Function(this, "Hello", { runtime: lambda.Runtime.PYTHON_3_11, handler: "app.handle", code: lambda.Code.fromAsset("src"), environment: { TABLE: props.table.tableName, QUEUE: props.queue.queueUrl } });
    props.table.grantReadWriteData(fn); props.queue.grantSendMessages(fn);
    this.alias = new lambda.Alias(this, "Live", { aliasName: "live", version: fn.currentVersion });
    const guard = this.alias.metricErrors({ period: cdk.Duration.minutes(1), statistic: "Sum" }).createAlarm(this, "Guard", { threshold: 1, evaluationPeriods: 1, treatMissingData: cw.TreatMissingData.NOT_BREACHING });
    new codedeploy.LambdaDeploymentGroup(this, "Shift", { alias: this.alias, deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES, alarms: [guard] }); }
}
class Edge extends cdk.NestedStack {
  constructor(scope, id, props) { super(scope, id);
    this.api = new apigw.HttpApi(this, "Api");
    this.api.addRoutes({ path: "/", methods: [apigw.HttpMethod.GET], integration: new integrations.HttpLambdaIntegration("Hello", props.alias) }); }
}
class Root extends cdk.Stack {
  constructor(scope, id, props) { super(scope, id, props);
    const data = new Data(this, "Data"); const queues = new Queues(this, "Queues");
    const compute = new Compute(this, "Compute", { table: data.table, queue: queues.queue });
    const edge = new Edge(this, "Edge", { alias: compute.alias });
    new cdk.CfnOutput(this, "ApiId", { value: edge.api.apiId }); }
}
new Root(new cdk.App(), "peer-cdk", { env: { account: "000000000000", region: "eu-central-1" } });
