# An EKS cluster with all that the provider puts around it.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "endpoint" {}
variable "note" { default = "one" }
provider "aws" {
  region = "us-east-1"
  endpoints {
    ec2 = var.endpoint
    eks = var.endpoint
    iam = var.endpoint
    kms = var.endpoint
    sts = var.endpoint
  }
}
data "aws_caller_identity" "me" {}
data "aws_subnets" "two" {
  filter {
    name = "availability-zone"
    values = ["us-east-1a", "us-east-1b"]
  }
}
locals {
  trust = { for name, service in { cluster = "eks", nodes = "ec2", pods = "pods.eks" } : name => jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "${service}.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] }]
  }) }
}
resource "aws_iam_role" "cluster" {
  name = "cluster"
  assume_role_policy = local.trust.cluster
}
resource "aws_iam_role_policy_attachment" "cluster" {
  role = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}
resource "aws_iam_role" "nodes" {
  name = "nodes"
  assume_role_policy = local.trust.nodes
}
resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"])
  role = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}
resource "aws_iam_role" "pods" {
  name = "pods"
  path = "/data/"
  assume_role_policy = local.trust.pods
}
resource "aws_iam_role" "admins" {
  name = "admins"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.me.account_id }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_kms_key" "secrets" { description = "secrets of the cluster" }
resource "aws_eks_cluster" "lake" {
  name = "lake"
  version = "1.33"
  role_arn = aws_iam_role.cluster.arn
  enabled_cluster_log_types = var.note == "one" ? ["api"] : ["api", "audit"]
  bootstrap_self_managed_addons = false
  vpc_config {
    subnet_ids = data.aws_subnets.two.ids
    endpoint_private_access = true
  }
  access_config {
    authentication_mode = "API_AND_CONFIG_MAP"
    bootstrap_cluster_creator_admin_permissions = true
  }
  encryption_config {
    resources = ["secrets"]
    provider { key_arn = aws_kms_key.secrets.arn }
  }
  upgrade_policy { support_type = var.note == "one" ? "EXTENDED" : "STANDARD" }
  tags = { note = var.note }
  depends_on = [aws_iam_role_policy_attachment.cluster]
}
resource "aws_eks_node_group" "workers" {
  cluster_name = aws_eks_cluster.lake.name
  node_group_name = "workers"
  node_role_arn = aws_iam_role.nodes.arn
  subnet_ids = data.aws_subnets.two.ids
  instance_types = ["m5.large"]
  capacity_type = "SPOT"
  labels = { note = var.note }
  scaling_config {
    min_size = 1
    max_size = 3
    desired_size = var.note == "one" ? 1 : 2
  }
  update_config { max_unavailable_percentage = 50 }
  taint {
    key = "dedicated"
    value = var.note
    effect = "NO_SCHEDULE"
  }
  tags = { note = var.note }
  depends_on = [aws_iam_role_policy_attachment.nodes]
}
data "aws_eks_addon_version" "coredns" {
  addon_name = "coredns"
  kubernetes_version = aws_eks_cluster.lake.version
}
resource "aws_eks_addon" "coredns" {
  cluster_name = aws_eks_cluster.lake.name
  addon_name = "coredns"
  addon_version = data.aws_eks_addon_version.coredns.version
  configuration_values = jsonencode({ replicaCount = var.note == "one" ? 2 : 3 })
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
  tags = { note = var.note }
}
resource "aws_eks_addon" "ebs" {
  cluster_name = aws_eks_cluster.lake.name
  addon_name = "aws-ebs-csi-driver"
  pod_identity_association {
    service_account = "ebs-csi-controller-sa"
    role_arn = aws_iam_role.pods.arn
  }
}
resource "aws_eks_addon" "agent" {
  cluster_name = aws_eks_cluster.lake.name
  addon_name = "eks-pod-identity-agent"
}
resource "aws_eks_access_entry" "admins" {
  cluster_name = aws_eks_cluster.lake.name
  principal_arn = aws_iam_role.admins.arn
  kubernetes_groups = ["team-${var.note}"]
  tags = { note = var.note }
}
resource "aws_eks_access_policy_association" "admins" {
  cluster_name = aws_eks_cluster.lake.name
  principal_arn = aws_eks_access_entry.admins.principal_arn
  policy_arn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
  access_scope {
    type = "namespace"
    namespaces = ["default"]
  }
}
resource "aws_eks_pod_identity_association" "sdc" {
  cluster_name = aws_eks_cluster.lake.name
  namespace = "ns1"
  service_account = "sdc"
  role_arn = aws_iam_role.pods.arn
  tags = { note = var.note }
}
resource "aws_eks_identity_provider_config" "corp" {
  cluster_name = aws_eks_cluster.lake.name
  oidc {
    client_id = "kubernetes"
    identity_provider_config_name = "corp"
    issuer_url = "https://login.example.org/id/1"
    groups_claim = "groups"
  }
  tags = { note = var.note }
}
data "aws_eks_cluster_auth" "lake" { name = aws_eks_cluster.lake.name }
output "issuer" { value = aws_eks_cluster.lake.identity[0].oidc[0].issuer }
